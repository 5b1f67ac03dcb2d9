"""sections.py - pieces of a configuration, written from what a test means."""


def text(value):
    """A value in double quotes."""
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _value(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "{" + ", ".join(text(element) for element in value) + "}"
    return text(value)


def keys(**values):
    """`max_running=4` becomes `max-running = "4"`."""
    return "".join(f"{key.replace('_', '-')} = {_value(value)}\n" for key, value in values.items())


def tenant(name, **values):
    return f"tenant {text(name)} {{\n{keys(**values)}}}\n"


def command(name, executable, *args, **values):
    values = {"exec": executable} | ({"args": args} if args else {}) | values
    return f"command {text(name)} {{\n{keys(**values)}}}\n"
