"""Signs and verifies as Alipay does, by its official SDK, in an environment of its own: a line of JSON in, one out."""

import json
import sys

from alipay.aop.api.util.SignatureUtils import get_sign_content, sign_with_rsa2, verify_with_rsa


def knows(public_key: str, values: dict[str, str], sign: str) -> bool:
    """Whether the values of a request were signed by whose key this is."""
    try:
        return bool(verify_with_rsa(public_key, get_sign_content(values).encode(), sign))
    except Exception:
        return False


def signs(private_key: str, content: str) -> str:
    return str(sign_with_rsa2(private_key, content, "utf-8"))


def signs_values(private_key: str, values: dict[str, str]) -> str:
    return signs(private_key, get_sign_content(values))


ACTS = {"knows": knows, "signs": signs, "signs_values": signs_values}

for line in sys.stdin:
    words = json.loads(line)
    sys.stdout.write(json.dumps(ACTS[words.pop("act")](**words)) + "\n")
    sys.stdout.flush()
