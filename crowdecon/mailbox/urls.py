from django.urls import path

from crowdecon.mailbox import views

app_name = "mailbox"
urlpatterns = [
    path("", views.messages, name="messages"),
    path("<slug:id>/", views.message, name="message"),
]
