/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/grub-config.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#define SPACES " \t\n\v\f\r"
/* What GRUB puts before the words. */
#define BOOT_IMAGE "BOOT_IMAGE="

/* ---- the kernel's words ---- */

/* The end of a word: the first space that is not between quotes (the kernel's lib/cmdline.c). */
static const char *word_end(const char *word)
{
	bool quoted = false;

	for (; *word && (quoted || !strchr(SPACES, *word)); word++)
		if (*word == '"')
			quoted = !quoted;
	return word;
}

/* Without the quotes around all of it, or around its value. */
static char *word_plain(const char *word, size_t size)
{
	char *text = str_dup_n(word, size), *start = text, *equals, *value, *ret;
	bool quoted = text[0] == '"';

	start += quoted;
	equals = *start ? strchr(start + 1, '=') : NULL;
	value = equals ? equals + 1 : NULL;
	if (value && *value == '"') {
		memmove(value, value + 1, strlen(value));
		quoted = true;
	}
	size = strlen(start);
	if (quoted && size > 0 && start[size - 1] == '"')
		start[size - 1] = '\0';
	ret = str_dup(start);
	free(text);
	return ret;
}

/* Would GRUB hand it on so that the kernel reads the same? */
static bool can_be_passed(const char *word)
{
	return *word && !strpbrk(word, "\"'\\") && (strchr(word, ' ') || !strpbrk(word, SPACES));
}

static int list_words(const char *cmdline, struct strv *ret, struct werr **err)
{
	for (const char *at = cmdline + strspn(cmdline, SPACES), *end; *at;
		at = end + strspn(end, SPACES)) {
		char *word;

		end = word_end(at);
		word = word_plain(at, (size_t)(end - at));
		strv_take(ret, word);
		if (can_be_passed(word))
			continue;
		werr_set(err, WERR_INVALID,
			"GRUB can't hand on this part of the command line: %.*s", (int)(end - at),
			at);
		werr_hint(err, "only quotes around a word or its value, and no backslashes");
		return werr_code(WERR_INVALID);
	}
	return 0;
}

static int check_size(const struct grub_config *c, const struct strv *words, struct werr **err)
{
	size_t size = strlen(BOOT_IMAGE) + strlen(c->kernel);

	for (size_t i = 0; i < words->n; i++)
		size += 1 + strlen(words->items[i]) + (strchr(words->items[i], ' ') ? 2 : 0);
	if (size > GRUB_CMDLINE_MAX)
		return werr_set(err, WERR_LIMIT,
			"the kernel's command line has %zu bytes with GRUB's own; %d is the most",
			size, GRUB_CMDLINE_MAX);
	return 0;
}

/* ---- the serial port ---- */

/* The words of console=ttyS1,115200n8; false: GRUB can't use what they say. */
static bool read_console(const char *word, unsigned *unit, unsigned *speed)
{
	static const unsigned speeds[] = {2400, 4800, 9600, 19200, 38400, 57600, 115200};
	const char *port = str_after(word, "console=ttyS"), *rest;

	if (!port || *port < '0' || *port > '3')
		return false;
	*unit = (unsigned)(*port - '0');
	*speed = 9600; /* the kernel's */
	if (!port[1])
		return true;
	rest = str_after(port + 1, ",");
	for (size_t i = 0; rest && i < ARRAY_SIZE(speeds); i++) {
		CLEANUP(free) char *text = str_printf("%u", speeds[i]);
		const char *form = str_after(rest, text);

		*speed = speeds[i];
		if (form && (str_eq(form, "") || str_eq(form, "n8")))
			return true;
	}
	return false;
}

static void add_serial(struct buf *to, const struct strv *words)
{
	unsigned unit, speed;

	for (size_t i = 0; i < words->n; i++)
		if (read_console(words->items[i], &unit, &speed)) {
			buf_printf(to, "serial --unit=%u --speed=%u\n", unit, speed);
			buf_puts(to, "terminal_output console serial\n");
			return;
		}
}

void grub_blocks(char ret[static GRUB_BLOCKS], uint64_t at, uint64_t size)
{
	enum { SECTOR = 512 };

	str_format(ret, GRUB_BLOCKS, "%" PRIu64 "+%" PRIu64, at / SECTOR,
		(size + SECTOR - 1) / SECTOR);
}

int grub_config_add(struct buf *to, const struct grub_config *c, struct werr **err)
{
	CLEANUP(strv) struct strv words = {0};
	int r = list_words(c->cmdline, &words, err);

	if (r == 0)
		r = check_size(c, &words, err);
	if (r < 0)
		return r;
	add_serial(to, &words);
	buf_printf(to, "linux %s", c->kernel);
	/* Between single quotes everything is itself, and no word has one. */
	for (size_t i = 0; i < words.n; i++)
		buf_printf(to, " '%s'", words.items[i]);
	buf_putc(to, '\n');
	if (c->initrd)
		buf_printf(to, "initrd %s\n", c->initrd);
	buf_puts(to, "boot\n");
	return buf_error(to) < 0 ? werr_set(err, WERR_LIMIT, "a long configuration of GRUB") : 0;
}
