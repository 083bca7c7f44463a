/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the supervisor keeps a container: the words of the object "wherry" in runtime.json
 * (docs/runtime-json.md), which are those of the YAML's `wherry` map.
 */
#ifndef WHERRY_CONTRACT_WORDS_H
#define WHERRY_CONTRACT_WORDS_H

#include <stddef.h>

/* Whether it starts again when it has ended. */
enum policy_restart { POLICY_RESTART_NO, POLICY_RESTART_ON_FAILURE, POLICY_RESTART_ALWAYS };
/* What the machine does when it fails for good. */
enum policy_onfail {
	POLICY_ONFAIL_CONTINUE,
	POLICY_ONFAIL_REBOOT,
	POLICY_ONFAIL_POWEROFF,
	POLICY_ONFAIL_SHELL,
	POLICY_ONFAIL_UNSET /* as the kernel option wherry.onfail says; has no word */
};

/* The words, in the order of the enumerations; end with NULL. */
extern const char *const contract_restarts[];
extern const char *const contract_onfails[];

/* The place of text (may be NULL) among words that end with NULL; -1: it is not one of them. */
int contract_word(const char *const *words, const char *text);

#endif
