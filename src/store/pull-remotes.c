/* SPDX-License-Identifier: Apache-2.0 */
/* Asking remotes in turn: first mirrors, which are not waited for, then the registry. */
#include <errno.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/pull.h"

bool pull_is_final(int r)
{
	return r == -ECANCELED || r == -ENOSPC || r == -EDQUOT || r == -EROFS;
}

/* A definite refusal is an answer. Any other failure may be temporary. */
static bool is_answer(int r)
{
	static const int codes[] = {ENOENT, EACCES, EBADMSG, EINVAL, EOPNOTSUPP, E2BIG};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (r == -codes[i])
			return true;
	return false;
}

/* When only a mirror can be reached, it is waited for after all. */
static int ask_again(struct pull_image *p, struct remote *mirror, pull_step *step, void *ctx, int r,
	struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	int again;

	remote_be_patient(mirror);
	again = step(p, mirror, ctx, &why);
	if (again < 0 && pull_is_final(again)) {
		werr_pass(err, STEAL(why));
	} else if (again < 0) {
		log_detail("mirror %s: %s", remote_host(mirror), why ? why->message : "");
		return r;
	}
	return again;
}

int pull_from_remotes(struct pull_image *p, pull_step *step, void *ctx, struct werr **err)
{
	struct remote *busy = NULL;

	for (size_t i = 0;; i++) {
		CLEANUP(werr) struct werr *why = NULL;
		struct remote *remote = p->remotes.items[i];
		int r = step(p, remote, ctx, &why);

		if (r == 0)
			return 0;
		if (i + 1 < p->remotes.n && !pull_is_final(r)) {
			if (!busy && !is_answer(r))
				busy = remote;
			log_detail("mirror %s: %s", remote_host(remote), why ? why->message : "");
			continue;
		}
		if (busy && !pull_is_final(r) && !is_answer(r))
			r = ask_again(p, busy, step, ctx, r, &why);
		if (r < 0)
			werr_pass(err, STEAL(why));
		return r;
	}
}
