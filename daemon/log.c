// SPDX-License-Identifier: GPL-2.0-only
/*
 * log.c - entries with fields through sd_journal_send(), or plain text on stderr
 */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "log.h"

static bool to_journal;

void log_open(void)
{
	/* systemd sets this if stderr is the journal; by hand, text is wanted on the terminal */
	to_journal = getenv("JOURNAL_STREAM") || !isatty(STDERR_FILENO);
	if (to_journal && access("/run/systemd/journal/socket", W_OK) < 0)
		to_journal = false;
}

void log_service(int priority, const char *label, unsigned int instance, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	if (!to_journal) {
		if (priority == LOG_DEBUG && !getenv("RSD_DEBUG"))
			return;
		fprintf(stderr, "<%d>rsd: %s%s%s\n", priority, label ? label : "",
			label ? ": " : "", text);
		return;
	}
	if (label && instance)
		sd_journal_send("MESSAGE=%s: %s", label, text, "PRIORITY=%d", priority,
				"SYSLOG_IDENTIFIER=rsd", "RSMOD_LABEL=%s", label,
				"RSMOD_INSTANCE=%u", instance, NULL);
	else if (label)
		sd_journal_send("MESSAGE=%s: %s", label, text, "PRIORITY=%d", priority,
				"SYSLOG_IDENTIFIER=rsd", "RSMOD_LABEL=%s", label, NULL);
	else
		sd_journal_send("MESSAGE=%s", text, "PRIORITY=%d", priority,
				"SYSLOG_IDENTIFIER=rsd", NULL);
}
