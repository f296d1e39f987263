"""What the environment says is read with a type, and what is wrong with it is said with the variable's name."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from crowdecon.settings.env import Env


def refusal(call) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        call()
    return str(caught.value)


def test_missing_and_empty_are_the_same():
    for values in ({}, {"SECRET_KEY": ""}, {"SECRET_KEY": "  "}):
        assert refusal(lambda values=values: Env(values).text("SECRET_KEY")).startswith(
            "SECRET_KEY is not set"
        )


def test_database_address():
    found = Env({"U": "postgresql://we%40b:p%2Fw@db.example:6432/crowd?sslmode=require"}).database("U")
    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "crowd",
        "USER": "we@b",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize(
    "value",
    [
        "mysql://u:hidden@h/n",
        "postgresql://u:hidden@h",
        "postgresql://h:port/n",
        "hidden",
        "postgresql://h/a/b",
    ],
)
def test_bad_database_address_names_the_variable_and_hides_the_password(value):
    words = refusal(lambda: Env({"DATABASE_URL": value}).database("DATABASE_URL"))
    assert words.startswith("DATABASE_URL ") and "hidden" not in words


def test_redis_databases_are_parted():
    env = Env({"REDIS_URL": "redis://:secret@127.0.0.1:6379/7"})
    assert [env.redis("REDIS_URL", number=n) for n in (0, 2)] == [
        "redis://:secret@127.0.0.1:6379/0",
        "redis://:secret@127.0.0.1:6379/2",
    ]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda env: env.flag("A", True), "A must be yes or no, not 'x'."),
        (lambda env: env.number("A", 1), "A must be a whole number from 0 to 2147483647, not 'x'."),
        (lambda env: env.secret("A", shortest=50), "A is too short: at least 50 characters are needed."),
        (lambda env: env.email("A"), "A is not an address of the form smtp+tls://user:password@host:587"),
        (lambda env: env.redis("A", number=0), "A is not an address of the form redis://:password@host:6379"),
    ],
)
def test_refusals_name_the_variable(call, words):
    assert refusal(lambda: call(Env({"A": "x"}))) == words


def test_words_flags_and_mail():
    env = Env({"HOSTS": " a.example, b.example ,", "ON": "Yes", "MAIL": "smtp+tls://u:p@mail.example"})
    assert env.words("HOSTS") == ["a.example", "b.example"]
    assert env.flag("ON", False) is True
    assert env.email("MAIL")["EMAIL_PORT"] == 587
