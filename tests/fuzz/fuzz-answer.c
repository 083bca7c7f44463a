/* SPDX-License-Identifier: Apache-2.0 */
/* A supervisor's answer, as a machine sends it to whoever asks from outside. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/client.h"
#include "client/show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(buf) struct buf out = BUF_INIT(CLIENT_SHOWN_MAX);
	CLEANUP(free) char *line = str_dup_n((const char *)data, size);

	if (client_read(line, &d, NULL) < 0)
		return 0;
	client_show_list(&out, d->root, 80);
	client_show_top(&out, d->root, d->root, 80);
	client_show_status(&out, d->root, 80);
	client_show_boot(&out, d->root, 80);
	client_show_boot_svg(&out, d->root, 80);
	client_show_line(&out, d->root, true);
	return 0;
}
