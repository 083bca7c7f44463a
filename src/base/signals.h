/* SPDX-License-Identifier: Apache-2.0 */
/* Signals by name, without the real-time signals. */
#ifndef WHERRY_BASE_SIGNALS_H
#define WHERRY_BASE_SIGNALS_H

/* "SIGTERM", "TERM", in upper or lower case, or "15"; 0: not a signal. */
int signal_number(const char *text);
/* "SIGTERM"; NULL: not a known signal. */
const char *signal_name(int number);
/* All names, for suggestions; NULL ends them. */
const char *const *signal_names(void);

#endif
