/* SPDX-License-Identifier: Apache-2.0 */
/* What libyaml finds wrong, in words that help someone who does not know YAML's grammar. */
#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "data/yaml-compose.h"

static const struct {
	const char *problem; /* how libyaml's begins */
	const char *message;
	bool at_context; /* the place is where it began, not where it went wrong */
} problems[] = {
	{"found unexpected end of stream", "the file ends inside this quoted text", true},
	{"found unexpected document indicator", "the document ends inside this quoted text", true},
	{"did not find expected ',' or ']'", "the list opened here with '[' needs ',' or ']'",
		true},
	{"did not find expected ',' or '}'", "the map opened here with '{' needs ',' or '}'", true},
	{"did not find expected '-' indicator",
		"wrong indentation: neither the list's next entry ('- ') nor part of the one before",
		false},
	{"did not find expected key",
		"wrong indentation: neither the map's next key nor part of the one before", false},
	{"could not find expected ':'", "expected ': ' behind the key in the line before", false},
	{"mapping values are not allowed in this context", "a ': ' can't stand here", false},
	{"block sequence entries are not allowed in this context", "a '- ' can't stand here",
		false},
	{"mapping keys are not allowed in this context", "a '? ' can't stand here", false},
	{"found character that cannot start any token",
		"a value can't begin with this character; put it in quotes", false},
	{"found a tab character", "indent with blanks, not with a tab", false},
	{"found unknown escape character", "unknown escape '\\' in text in double quotes", false},
	{"did not find expected hexdecimal number", "hexadecimal digits expected in the escape",
		false},
	{"found invalid Unicode character escape code", "the escape is not a Unicode character",
		false},
	{"did not find expected alphabetic or numeric character",
		"a name of letters and digits is expected behind '&' or '*'", false},
	{"did not find expected node content", "a value is missing here", false},
	{"did not find expected <document start>", "text that belongs to nothing before it", false},
	{"found undefined tag handle", "unknown tag", false},
	{"control characters are not allowed", "a control character, which YAML does not allow",
		false},
};

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

/* The reader of bytes knows an offset only. */
static yaml_mark_t mark_of_offset(const struct composer *c, size_t offset)
{
	yaml_mark_t mark = {0};

	for (size_t i = 0; i < offset && i < c->size; i++) {
		bool continues = ((unsigned char)c->text[i] & 0xC0) == 0x80;

		mark.column += !continues;
		if (c->text[i] == '\n') {
			mark.line++;
			mark.column = 0;
		}
	}
	return mark;
}

/* Where libyaml sees a character that can't be, is it a tab? Its index counts characters. */
static bool is_tab(const struct composer *c, yaml_mark_t mark)
{
	size_t index = 0;

	for (size_t i = 0; i < c->size; i++) {
		if (((unsigned char)c->text[i] & 0xC0) == 0x80)
			continue;
		if (index++ == mark.index)
			return c->text[i] == '\t';
	}
	return false;
}

int yaml_syntax_error(struct composer *c, struct werr **err)
{
	const yaml_parser_t *p = &c->parser;
	const char *problem = p->problem ? p->problem : "unknown problem";

	if (p->error == YAML_MEMORY_ERROR)
		return werr_set(err, WERR_LIMIT, "%s: too large to parse", c->document->name);
	if (p->error == YAML_READER_ERROR && !str_after(problem, "control characters"))
		return yaml_error(
			c, mark_of_offset(c, p->problem_offset), err, "the text is not UTF-8 here");
	if (p->error == YAML_SCANNER_ERROR && is_tab(c, p->problem_mark))
		problem = "found a tab character";
	for (size_t i = 0; i < ARRAY_SIZE(problems); i++) {
		if (!str_after(problem, problems[i].problem))
			continue;
		if (p->error == YAML_READER_ERROR)
			return yaml_error(c, mark_of_offset(c, p->problem_offset), err, "%s",
				problems[i].message);
		return yaml_error(c, problems[i].at_context ? p->context_mark : p->problem_mark,
			err, "%s", problems[i].message);
	}
	return yaml_error(c, p->problem_mark, err, "not YAML: %s", problem);
}
