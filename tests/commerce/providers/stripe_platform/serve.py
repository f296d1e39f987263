"""Serves `seahaven-stripe-world`, each `/worlds/<id>` an account of its own: `serve.py PORT`. For Python 3.14, by that alone."""

import sys

from seahaven.http import HttpResponse, serve
from seahaven_stripe_world import world
from seahaven_stripe_world.http_api import handle


def answer(ctx, request):
    """What it answers, and `GET /v1/account`, which it keeps and does not serve. Its account is one that Stripe has not let
    take payments yet, and takes them all the same."""
    if (request.method, request.path) == ("GET", "/v1/account"):
        return HttpResponse.json(ctx.state["account"]["object"] | {"charges_enabled": True})
    return handle(ctx, request)


serve(world, answer, port=int(sys.argv[1]), max_instances=0, reset_options={"startup": {"livemode": False}})
