"""Plants a bug: writes SOURCE to OUT with OLD, which must stand there exactly once, replaced by NEW."""

import pathlib
import sys


def main(source, old, new, out):
    text = pathlib.Path(source).read_text()
    if text.count(old) != 1:
        sys.exit("%s has %d times, not once: %s" % (source, text.count(old), old))
    pathlib.Path(out).write_text(text.replace(old, new))


if __name__ == "__main__":
    main(*sys.argv[1:])
