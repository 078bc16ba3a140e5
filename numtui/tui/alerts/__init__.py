"""The Alerts screen: what fires, the history, the rules, and the form that makes one."""
