/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_SERVE_LISTEN_H
#define WHERRY_SERVE_LISTEN_H

#include "base/error.h"

/* Listen there (struct serve_options); *ret_url is where that is, owned by the caller. */
int serve_listen(const char *port, int *ret_fd, char **ret_url, struct werr **err);

#endif
