"""The workers' application, and the one table of what runs by itself."""

import os

from celery import Celery
from celery.signals import setup_logging, worker_process_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crowdecon.settings.dev")

app = Celery("crowdecon")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Not only for the thread that imports this: a web server answers in many.
app.set_default()

# Seconds between runs. A run that comes while the last one waits is dropped (`expires`), so a stopped worker finds no heap.
PERIODIC: dict[str, float] = {
    "crowdecon.heartbeat": 30,
    "engagement.sweep": 15,
    "members.sweep_imports": 30,
    "members.sweep_bulk": 30,
    "members.resume_pauses": 300,
    "members.sweep_mail": 30,
    "members.write_digests": 900,
    "members.write_waiting": 60,
    "members.sweep_person_data": 300,
    "members.clean_up": 3600,
    "members.end_merge_proposals": 3600,
    "communities.offer_places": 60,
    "communities.forget_reading": 3600,
    "communities.sweep_files": 3600,
    "gatherings.write_on": 3600,
    "gatherings.sweep": 600,
    "gatherings.remind": 300,
    "gatherings.tell_news": 60,
    "gatherings.join_guests": 300,
    "gatherings.offer_places": 60,
    "commerce.ask_providers": 20,
    "commerce.tick": 60,
    "commerce.end_orders": 20,
    "commerce.handle_events": 15,
    "commerce.recognise": 3600,
    "commerce.reconcile": 3600,
}

app.conf.beat_schedule = {
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for task, seconds in PERIODIC.items()
}


#: Seconds after which a worker that begins takes up the imports that stand still.
TAKEN_UP_AFTER = 15


@setup_logging.connect
def _use_our_logging(**_: object) -> None:
    """Connecting is enough: Celery leaves logging as Django's settings made it."""


@worker_process_init.connect
def _end_with_the_worker(**_: object) -> None:
    """A pool process ends with its worker, even when that is killed outright."""
    from crowdecon.embedded import process

    process.end_with_parent()


@worker_ready.connect
def _take_up_what_was_cut_off(**_: object) -> None:
    """A worker mostly begins where another has ended, and that one may have had an import in hand."""
    app.send_task(
        "members.sweep_imports",
        kwargs={"idle": TAKEN_UP_AFTER},
        countdown=TAKEN_UP_AFTER,
        expires=4 * TAKEN_UP_AFTER,
        retry=False,
        ignore_result=True,
    )
