"""`python -m numtui` is the command `numtui`."""

from numtui.cli import main

if __name__ == "__main__":
    main()
