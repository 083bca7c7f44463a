/* SPDX-License-Identifier: Apache-2.0 */
#include "base/signals.h"

#include <signal.h>
#include <strings.h>

#include "base/str.h"

enum { SIGNAL_MAX = 31 };

/* The numbers differ from one architecture to another. */
static const char *const names[] = {"SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT",
	"SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM",
	"SIGTERM", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG",
	"SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
	NULL};
static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE,
	SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGCHLD, SIGCONT, SIGSTOP,
	SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO,
	SIGPWR, SIGSYS};
_Static_assert(ARRAY_SIZE(names) == ARRAY_SIZE(numbers) + 1, "a name for each number");

int signal_number(const char *text)
{
	uint64_t number;

	if (str_to_u64(text, 10, &number) == 0)
		return number <= SIGNAL_MAX ? (int)number : 0;
	for (size_t i = 0; names[i]; i++)
		if (strcasecmp(text, names[i]) == 0 ||
			strcasecmp(text, str_after(names[i], "SIG")) == 0)
			return numbers[i];
	return 0;
}

const char *signal_name(int number)
{
	for (size_t i = 0; names[i]; i++)
		if (numbers[i] == number)
			return names[i];
	return NULL;
}

const char *const *signal_names(void)
{
	return names;
}
