"""The builder: functions from text to notebook to page. It knows nothing of what the lectures are about."""
