# The portal for production: one image for web, worker, beat and manage.py. No secret is in it; see docker-compose.yml.
# Briefings as PDF files: PDF=off leaves out what sets them and the fonts; the browser then prints them.
ARG PDF=on

FROM python:3.13-slim AS libraries
ARG PDF
COPY requirements.txt requirements-pdf.txt ./
RUN python -m venv /venv \
 && if [ "$PDF" = on ]; then file=requirements-pdf.txt; else file=requirements.txt; fi \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r "$file"

FROM python:3.13-slim
ARG PDF
RUN [ "$PDF" != on ] || { apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core \
 && rm -rf /var/lib/apt/lists/*; }
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT=8000 DATA_DIR=/data STATIC_ROOT=/static
RUN useradd --system --uid 10001 --no-create-home coalition && install -d -o coalition /data
COPY --from=libraries /venv /venv
WORKDIR /portal
COPY . .
# The settings want a database and a mode even where neither is used; these are gone with this line.
RUN DEMONSTRATION=on DATABASE_URL=postgresql:///none python manage.py collectstatic --no-input --verbosity 0
USER coalition
EXPOSE 8000
CMD ["gunicorn", "coalition.wsgi"]
