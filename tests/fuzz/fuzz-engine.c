/* SPDX-License-Identifier: Apache-2.0 */
/* What Docker or Podman reports about an image. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/engine-api.h"
#include "net/engine-load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(engine_image) struct engine_image i;
	const struct platform *p = &i.platform;
	int r;

	memset(&i, 'x', sizeof(i));
	r = engine_parse((const char *)data, size, &i, &err);
	if ((r < 0) != (err != NULL))
		abort();
	/* Success means both strings, NUL-terminated, and no variant. */
	if (r == 0 && (!memchr(p->os, 0, sizeof(p->os)) || !memchr(p->arch, 0, sizeof(p->arch)) ||
			      *p->variant))
		abort();
	(void)engine_parse_list((const char *)data, size, &names, NULL);
	(void)engine_load_error((const char *)data, size, NULL);
	return 0;
}
