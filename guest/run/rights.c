/* SPDX-License-Identifier: Apache-2.0 */
#include "run/rights.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "contract/docker.h"
#include "contract/paths.h"
#include "data/json.h"

enum { CONFIG_SIZE_MAX = 1 << 20, NAMES_MAX = 4, HINT_MAX = 256 };

static const char advice[] = ": try 'capabilities: [" DOCKER_WORD "]'";

/* C libraries and Go's have these words in one case or the other. */
static bool tells_of_refusal(const char *output)
{
	return strcasestr(output, "operation not permitted") ||
	       strcasestr(output, "permission denied");
}

int rights_config(const char *bundle, struct document **ret)
{
	CLEANUP(free) char *path = path_join(bundle, BUNDLE_CONFIG);
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = file_read_at_once(path, CONFIG_SIZE_MAX, &text, &size, NULL);

	return r < 0 ? r : json_parse(path, text, size, ret, NULL);
}

static bool is_in(const struct node *list, const char *name)
{
	for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++)
		if (list->items[i]->kind == NODE_SCALAR && str_eq(list->items[i]->text, name))
			return true;
	return false;
}

static void add_capabilities(struct buf *out, const struct node *list)
{
	size_t n = list && list->kind == NODE_LIST ? list->n : 0, lacking = 0;

	for (size_t i = 0; i < DOCKER_CAPABILITIES; i++)
		lacking += !is_in(list, contract_docker_capabilities[i]);
	if (!lacking)
		return;
	if (n > NAMES_MAX)
		buf_printf(out, "it lacks %zu of Docker's %d capabilities", lacking,
			DOCKER_CAPABILITIES);
	else
		buf_puts(out, n ? "it has only" : "it has no capabilities");
	for (size_t i = 0; n <= NAMES_MAX && i < n; i++)
		buf_printf(out, "%s %.40s", i ? "," : "",
			list->items[i]->kind == NODE_SCALAR ? list->items[i]->text : "?");
	buf_puts(out, advice);
}

static const char *hint_of_root(const struct node *config)
{
	const struct node *n = node_get(node_get(config, "root"), "readonly");
	bool readonly = false;

	return n && node_to_bool(n, &readonly) && readonly
		       ? "its root is read-only: try 'readonly: false', or 'tmpfs' for a directory"
		       : "";
}

char *rights_hint(const char *bundle, const char *output)
{
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(buf) struct buf out = BUF_INIT(HINT_MAX);
	const struct node *process, *uid;
	uint64_t number = 0;

	bool read_only = strcasestr(output, "read-only file system") != NULL;

	if ((!read_only && !tells_of_refusal(output)) || rights_config(bundle, &d) < 0)
		return str_dup("");
	if (read_only)
		return str_dup(hint_of_root(d->root));
	process = node_get(d->root, "process");
	uid = node_get(node_get(process, "user"), "uid");
	if (uid && node_to_u64(uid, &number) && number > 0)
		buf_printf(&out, "it runs as user %.10s", uid->text);
	else
		add_capabilities(&out, node_get(node_get(process, "capabilities"), "bounding"));
	return buf_steal(&out);
}
