/* SPDX-License-Identifier: Apache-2.0 */
/* Signals by name, those without a meaning of their own in real time left out. */
#ifndef WHERRY_BASE_SIGNALS_H
#define WHERRY_BASE_SIGNALS_H

/* "SIGTERM", "TERM", in any case, or "15"; 0: no such signal. */
int signal_number(const char *text);
/* "SIGTERM"; NULL: none that we know. */
const char *signal_name(int number);
/* All names, for suggestions; NULL ends them. */
const char *const *signal_names(void);

#endif
