/* SPDX-License-Identifier: Apache-2.0 */
/* What libyaml finds wrong, in words that do not take knowledge of YAML's grammar. */
#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "yaml/yaml-compose.h"

int yaml_error(struct composer *c, yaml_mark_t mark, struct werr **err, const char *fmt, ...)
{
	CLEANUP(free) char *message = NULL;
	va_list ap;

	va_start(ap, fmt);
	message = str_printfv(fmt, ap);
	va_end(ap);
	return werr_at(err, c->document->name, (unsigned)mark.line + 1, (unsigned)mark.column + 1,
		"%s", message);
}

int yaml_mistake(struct composer *c, struct werr *e, struct werr **err)
{
	c->n_mistakes++;
	if (c->n_mistakes < YAML_MISTAKES_MAX) {
		werr_append(&c->mistakes, e);
		return 0;
	}
	werr_at(err, e->file, e->line, e->column, "too many mistakes: the rest was not read");
	werr_free(e);
	return -EINVAL;
}

/* ---- places in the text ---- */

static bool continues_character(char ch)
{
	return ((unsigned char)ch & 0xC0) == 0x80;
}

/* libyaml's byte reader only gives an offset. */
static yaml_mark_t mark_of_offset(const struct composer *c, size_t offset)
{
	yaml_mark_t mark = {0};

	for (size_t i = 0; i < offset && i < c->size; i++) {
		mark.column += !continues_character(c->text[i]);
		if (c->text[i] == '\n') {
			mark.line++;
			mark.column = 0;
		}
	}
	return mark;
}

/* libyaml's index counts characters, without a byte order mark. */
static size_t offset_of_mark(const struct composer *c, yaml_mark_t mark)
{
	size_t i = c->size >= 3 && memcmp(c->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	size_t index = 0;

	for (; i < c->size; i++)
		if (!continues_character(c->text[i]) && index++ == mark.index)
			return i;
	return c->size;
}

/* The surroundings of a place: the character there, the last one before it that is not white space,
 * and the line up to it. */
struct around {
	char here, before; /* '\0': none */
	const char *line;
	size_t len;
};

static struct around look_around(const struct composer *c, yaml_mark_t mark)
{
	size_t at = offset_of_mark(c, mark), start = at;
	struct around a = {.here = at < c->size ? c->text[at] : '\0'};

	while (start > 0 && c->text[start - 1] != '\n' && c->text[start - 1] != '\r')
		start--;
	a.line = c->text + start;
	a.len = at - start;
	for (size_t i = 0; i < a.len; i++)
		if (a.line[i] != ' ' && a.line[i] != '\t')
			a.before = a.line[i];
	return a;
}

/* ---- the usual mistakes ---- */

static int refuse_character(struct composer *c, const struct around *a, struct werr **err)
{
	yaml_mark_t mark = c->parser.problem_mark;

	if (a->here == '\t')
		return yaml_error(c, mark, err, "indent with spaces, not with a tab");
	yaml_error(c, mark, err, "a value can't begin with '%c'", a->here);
	werr_hint(err, "put it in quotes");
	return -EINVAL;
}

/* A ':' too many: in a value, or after text that continues the line before. */
static int refuse_colon(struct composer *c, const struct around *a, struct werr **err)
{
	yaml_mark_t mark = c->parser.problem_mark;
	size_t indent = 0;

	for (size_t i = 0; i + 1 < a->len; i++)
		if (a->line[i] == ':' && a->line[i + 1] == ' ') {
			yaml_error(c, mark, err, "a second ': ' on one line");
			werr_hint(err, "text with ': ' in it needs quotes");
			return -EINVAL;
		}
	while (indent < a->len && strchr(" -", a->line[indent]))
		indent++;
	mark.column = indent;
	yaml_error(c, mark, err, "a key is not allowed here");
	werr_hint(err,
		"indent it like the keys of its map, and check that the line above ends with ':' "
		"or has ': ' between key and value");
	return -EINVAL;
}

/* In the middle of a line: text after a complete value. */
static int refuse_rest(struct composer *c, const struct around *a, struct werr **err)
{
	bool quote = a->before == '"' || a->before == '\'';

	yaml_error(c, c->parser.problem_mark, err, "text after the closing %s%c%s",
		quote ? "quote " : "'", a->before, quote ? "" : "'");
	werr_hint(err,
		quote ? "put all of it in quotes; a quote inside is written \\\" in \"...\", and "
			"'' in '...'"
		      : "text with brackets in it needs quotes");
	return -EINVAL;
}

static int refuse_place(struct composer *c, const struct around *a, const char *what,
	const char *begin, struct werr **err)
{
	const yaml_parser_t *p = &c->parser;

	if (a->here && strchr("]}", a->here))
		return yaml_error(c, p->problem_mark, err, "this '%c' closes no bracket", a->here);
	if (a->before && strchr("\"']}", a->before))
		return refuse_rest(c, a, err);
	yaml_error(c, p->problem_mark, err,
		"wrong indentation: neither the next %s nor part of the one before", what);
	werr_hint(err, "%s in column %zu (see line %zu)", begin, p->context_mark.column + 1,
		p->context_mark.line + 1);
	return -EINVAL;
}

static int refuse_in_map(struct composer *c, const struct around *a, struct werr **err)
{
	return refuse_place(c, a, "key of the map", "its keys begin", err);
}

static int refuse_in_list(struct composer *c, const struct around *a, struct werr **err)
{
	return refuse_place(c, a, "entry of the list", "its entries begin with '- '", err);
}

/* A missing bracket only shows later; the place to report is where it was opened. */
static int unclosed(struct composer *c, const char *what, char open, char close, struct werr **err)
{
	const yaml_parser_t *p = &c->parser;

	return yaml_error(c, p->context_mark, err,
		"the %s opened here with '%c' needs ',' or '%c' before line %zu, column %zu", what,
		open, close, p->problem_mark.line + 1, p->problem_mark.column + 1);
}

static int unclosed_list(struct composer *c, ATTR_UNUSED const struct around *a, struct werr **err)
{
	return unclosed(c, "list", '[', ']', err);
}

static int unclosed_map(struct composer *c, ATTR_UNUSED const struct around *a, struct werr **err)
{
	return unclosed(c, "map", '{', '}', err);
}

static const char ESCAPES[] = "in \"...\" a '\\' is written \\\\; in '...' it needs no escape";
static const char NAMES[] = "text that begins with '*' or '&' needs quotes";
static const char TAGS[] = "text that begins with '!' needs quotes";
static const char BLOCKS[] = "the text begins on the next line, indented";

static const struct problem {
	const char *problem; /* how libyaml's begins */
	const char *message, *hint;
	bool at_context; /* the place is where it began, not where it went wrong */
	/* Instead of the message, if that depends on the surroundings. */
	int (*report)(struct composer *c, const struct around *a, struct werr **err);
} problems[] = {
	{"found unexpected end of stream", "the file ends inside this quoted text", NULL, true},
	{"found unexpected document indicator", "the document ends inside this quoted text", NULL,
		true},
	{"did not find expected ',' or ']'", .report = unclosed_list},
	{"did not find expected ',' or '}'", .report = unclosed_map},
	{"did not find expected '-' indicator", .report = refuse_in_list},
	{"did not find expected key", .report = refuse_in_map},
	{"could not find expected ':'",
		"a ': ' is missing after this key, or is not on the same line", NULL, true},
	{"mapping values are not allowed in this context", .report = refuse_colon},
	{"block sequence entries are not allowed in this context", "a '- ' is not allowed here",
		"a list begins on the line after its key"},
	{"mapping keys are not allowed in this context", "a '? ' is not allowed here",
		"text that begins with '? ' needs quotes"},
	{"found character that cannot start any token", .report = refuse_character},
	{"found a tab character", "indent with spaces, not with a tab"},
	{"found unknown escape character", "unknown escape in text in double quotes", ESCAPES},
	{"did not find expected hexdecimal number", "hexadecimal digits expected in the escape",
		ESCAPES},
	{"found invalid Unicode character escape code", "the escape is not a Unicode character"},
	{"did not find expected alphabetic or numeric character",
		"expected a name of letters and digits after '&' or '*'", NAMES},
	{"did not find expected node content", "a value is missing here"},
	{"did not find expected <document start>", "text that belongs to nothing before it"},
	{"did not find expected comment or line break", "text after '|' or '>'", BLOCKS},
	{"found an indentation indicator equal to 0", "the indentation can't be 0", BLOCKS},
	{"found undefined tag handle", "unknown tag", TAGS},
	{"did not find expected tag URI", "unknown tag", TAGS},
	{"did not find expected '!'", "unknown tag", TAGS},
	{"did not find expected whitespace or line break", "text after a tag without a space",
		TAGS},
	{"found incompatible YAML document", "a version of YAML other than 1.1 and 1.2"},
	{"control characters are not allowed", "a control character, which YAML does not allow"},
};

static int report(struct composer *c, const struct problem *problem, struct werr **err)
{
	const yaml_parser_t *p = &c->parser;
	yaml_mark_t mark = problem->at_context ? p->context_mark : p->problem_mark;

	if (p->error == YAML_READER_ERROR)
		mark = mark_of_offset(c, p->problem_offset);
	if (problem->report) {
		struct around a = look_around(c, p->problem_mark);

		return problem->report(c, &a, err);
	}
	yaml_error(c, mark, err, "%s", problem->message);
	if (problem->hint)
		werr_hint(err, "%s", problem->hint);
	return -EINVAL;
}

int yaml_syntax_error(struct composer *c, struct werr **err)
{
	const yaml_parser_t *p = &c->parser;
	const char *text = p->problem ? p->problem : "unknown problem";

	if (p->error == YAML_MEMORY_ERROR)
		return werr_set(err, WERR_LIMIT, "%s: too large to parse", c->document->name);
	if (p->error == YAML_READER_ERROR && !str_after(text, "control characters"))
		return yaml_error(
			c, mark_of_offset(c, p->problem_offset), err, "the text is not UTF-8 here");
	for (size_t i = 0; i < ARRAY_SIZE(problems); i++)
		if (str_after(text, problems[i].problem))
			return report(c, &problems[i], err);
	return yaml_error(c, p->problem_mark, err, "not YAML: %s", text);
}
