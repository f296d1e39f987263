from django import template

from members import devices

register = template.Library()


@register.filter
def device(user_agent: str) -> devices.Device:
    """{% with device=session.user_agent|device %}{{ device.browser }} {{ device.system }}{% endwith %}"""
    return devices.of(user_agent)
