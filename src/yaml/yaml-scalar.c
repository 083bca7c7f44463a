/* SPDX-License-Identifier: Apache-2.0 */
/* Scalars with their tags. */
#include "base/mem.h"
#include "base/str.h"
#include "yaml/yaml-compose.h"

static bool is_null(const char *text)
{
	if (text[0] && !strchr("~nN", text[0]))
		return false;
	return str_eq(text, "") || str_eq(text, "~") || str_eq(text, "null") ||
	       str_eq(text, "Null") || str_eq(text, "NULL");
}

static int base64_value(char ch)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = ch ? strchr(alphabet, ch) : NULL;

	return found ? (int)(found - alphabet) : -1;
}

/* dst has room for size bytes. White space is skipped; false when it is not base64.
 */
static bool base64_decode(const char *text, size_t size, char *dst, size_t *ret_size)
{
	size_t digits = 0, padding = 0, len = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < size; i++) {
		int value = base64_value(text[i]);

		if (text[i] && strchr(" \t\r\n", text[i]))
			continue;
		if (text[i] == '=') {
			padding++;
			continue;
		}
		if (value < 0 || padding > 0)
			return false;
		bits = bits << 6 | (unsigned)value;
		if (digits++ % 4 != 0)
			dst[len++] = (char)(bits >> (6 - 2 * ((digits - 1) % 4)));
	}
	*ret_size = len;
	return digits % 4 != 1 && (digits + padding) % 4 == 0 && padding < 4;
}

static int binary_node(
	struct composer *c, const yaml_event_t *event, struct node **ret, struct werr **err)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t size = event->data.scalar.length;
	CLEANUP(free) char *bytes = mem_alloc(size + 1);
	struct werr *e = NULL;

	if (!base64_decode(text, size, bytes, &size)) {
		yaml_error(c, event->start_mark, &e, "!!binary is not followed by base64");
		size = 0;
	}
	*ret = document_scalar(c->document, (unsigned)event->start_mark.line + 1,
		(unsigned)event->start_mark.column + 1, bytes, size, true);
	(*ret)->binary = true;
	return e ? yaml_mistake(c, e, err) : 0;
}

int yaml_wrong_tag(struct composer *c, yaml_mark_t mark, const char *tag, struct werr **err)
{
	const char *standard = str_after(tag, "tag:yaml.org,2002:");
	struct werr *e = NULL;

	yaml_error(c, mark, &e, "the tag '%s%.80s' is not allowed here", standard ? "!!" : "",
		standard ? standard : tag);
	werr_hint(&e, "text that begins with '!' needs quotes");
	return yaml_mistake(c, e, err);
}

/* What a tag makes of a scalar. */
enum tag_effect { TAG_NONE, TAG_TEXT, TAG_PLAIN, TAG_BINARY, TAG_UNKNOWN };

static enum tag_effect tag_effect(const char *tag)
{
	static const struct {
		const char *tag;
		enum tag_effect effect;
	} tags[] = {{"!", TAG_TEXT}, {YAML_STR_TAG, TAG_TEXT}, {YAML_NULL_TAG, TAG_PLAIN},
		{YAML_BOOL_TAG, TAG_PLAIN}, {YAML_INT_TAG, TAG_PLAIN}, {YAML_FLOAT_TAG, TAG_PLAIN},
		{"tag:yaml.org,2002:merge", TAG_PLAIN}, {"tag:yaml.org,2002:binary", TAG_BINARY}};

	if (!tag)
		return TAG_NONE;
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++)
		if (str_eq(tag, tags[i].tag))
			return tags[i].effect;
	return TAG_UNKNOWN;
}

int yaml_scalar_node(
	struct composer *c, const yaml_event_t *event, struct node **ret, struct werr **err)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t size = event->data.scalar.length;
	const char *tag = (const char *)event->data.scalar.tag;
	enum tag_effect effect = tag_effect(tag);
	unsigned line = (unsigned)event->start_mark.line + 1;
	unsigned column = (unsigned)event->start_mark.column + 1;
	bool quoted = effect == TAG_TEXT ||
		      (effect == TAG_NONE && event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE);

	int r = effect == TAG_UNKNOWN ? yaml_wrong_tag(c, event->start_mark, tag, err) : 0;

	if (r < 0)
		return r;
	if (effect == TAG_BINARY)
		return binary_node(c, event, ret, err);
	if (!quoted && strlen(text) == size && is_null(text))
		*ret = document_node(c->document, NODE_NULL, line, column);
	else
		*ret = document_scalar(c->document, line, column, text, size, quoted);
	return 0;
}
