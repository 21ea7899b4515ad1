# The portal for production: one image for web, worker, beat and manage.py. No secret is in it; see docker-compose.yml.
FROM python:3.13-slim AS libraries
COPY requirements.txt .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

FROM python:3.13-slim
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
