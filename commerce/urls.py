from django.urls import path

from commerce.views import hooks

app_name = "commerce"

urlpatterns = [
    path("hooks/<slug:provider>/<uuid:account_key>/", hooks.hook, name="hook"),
]
