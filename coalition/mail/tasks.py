import logging

from celery import shared_task

from coalition.mail import heartbeat, queue

logger = logging.getLogger(__name__)


@shared_task(name="coalition.mail.tasks.send_due")  # type: ignore[untyped-decorator]
def send_due() -> int:
    """Runs one round. May run twice at once: the rows decide who sends what."""
    heartbeat.beat()
    try:
        return queue.send_due()
    except queue.ChannelError as error:
        logger.error("No mail can be sent now, the queue waits: %s", error)  # noqa: TRY400  the server's words say enough
        return 0
