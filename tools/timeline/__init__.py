"""The event log as people see it: log.py reads it, lanes.py says what each processor did when, forwarded.py follows
calls through the application kernel, and chrome.py and picture.py write it down."""
