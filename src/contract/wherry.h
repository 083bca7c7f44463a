/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the supervisor keeps a container: the object "wherry" of runtime.json (docs/runtime-json.md).
 * The YAML's `wherry` map has the same keys and words; in runtime.json times are whole numbers of
 * milliseconds, and sizes of bytes.
 */
#ifndef WHERRY_CONTRACT_WHERRY_H
#define WHERRY_CONTRACT_WHERRY_H

/* ---- names ---- */

/* Whose lines those of PID 1 and of the supervisor are in logs; no container can be called so. */
#define OWN_NAME "wherry"
/* What the last line of the boot begins with there. */
#define SAID_READY "ready ("

/* ---- keys ---- */

#define WHERRY_KEY_RESTART       "restart"
#define WHERRY_KEY_RESTART_DELAY "restart-delay"
#define WHERRY_KEY_AFTER         "after"
#define WHERRY_KEY_TIMEOUT       "timeout"
#define WHERRY_KEY_ONFAIL        "onfail"
#define WHERRY_KEY_HEALTH        "health"
#define WHERRY_KEY_STOP_SIGNAL   "stop-signal"
#define WHERRY_KEY_STOP_TIMEOUT  "stop-timeout"
#define WHERRY_KEY_CONSOLE       "console"
#define WHERRY_KEY_LOG           "log"
/*
 * In "health", which has one of the first three. WHERRY_KEY_DISABLE is the YAML's only: no check,
 * not even the image's own.
 */
#define WHERRY_KEY_DISABLE  "disable"
#define WHERRY_KEY_COMMAND  "command"
#define WHERRY_KEY_TCP      "tcp"
#define WHERRY_KEY_HTTP     "http"
#define WHERRY_KEY_INTERVAL "interval"
#define WHERRY_KEY_RETRIES  "retries"
/* In "log". */
#define WHERRY_KEY_SIZE "size"

/* ---- words ---- */

/* Whether it is started again after it has ended. */
enum policy_restart { POLICY_RESTART_NO, POLICY_RESTART_ON_FAILURE, POLICY_RESTART_ALWAYS };
/* What the machine does after a final failure. */
enum policy_onfail {
	POLICY_ONFAIL_CONTINUE,
	POLICY_ONFAIL_REBOOT,
	POLICY_ONFAIL_POWEROFF,
	POLICY_ONFAIL_SHELL,
	POLICY_ONFAIL_UNSET /* as the kernel option wherry.onfail says; not a word */
};

/* The words in the order of the enumerations, followed by NULL. */
extern const char *const contract_restarts[];
extern const char *const contract_onfails[];

/* The index of text (may be NULL) among words, which end with NULL; -1: it is not one of them. */
int contract_word(const char *const *words, const char *text);

/* ---- limits ---- */

enum {
	WHERRY_TIME_MAX_MS = 7 * 24 * 3600 * 1000, /* a week */
	WHERRY_LOG_SIZE_MIN = 4 << 10,
	WHERRY_LOG_SIZE_MAX = 64 << 20,
	WHERRY_RETRIES_MAX = 1000,
};

/* ---- defaults: numbers for the program, and with WHERRY_TEXT() for the help ---- */

#define WHERRY_RESTART_DELAY_MS  200
#define WHERRY_STOP_TIMEOUT_S    10
#define WHERRY_STOP_SIGNAL       "SIGTERM"
#define WHERRY_HEALTH_INTERVAL_S 10
#define WHERRY_HEALTH_TIMEOUT_S  5
#define WHERRY_HEALTH_RETRIES    3
#define WHERRY_READY_TIMEOUT_S   60 /* of a service */

#define WHERRY_TEXT(number_)  WHERRY_TEXT_(number_)
#define WHERRY_TEXT_(number_) #number_

#endif
