/* SPDX-License-Identifier: Apache-2.0 */
#include "tar/tar-links.h"

#include <string.h>

#include "base/io.h"

void tar_links_init(struct tar_links *l)
{
	*l = (struct tar_links){.body = BUF_INIT(TAR_LINKS_RECORDS_MAX + TAR_BLOCK)};
}

void tar_links_cleanup(struct tar_links *l)
{
	buf_cleanup(&l->body);
	tar_head_cleanup(&l->head);
}

/* Handle a block that follows a header. */
static void pass(struct tar_links *l, const unsigned char *block)
{
	size_t n = l->left < TAR_BLOCK ? (size_t)l->left : TAR_BLOCK;

	l->left -= n;
	if (!l->records)
		return;
	buf_add(&l->body, block, n);
	if (l->left > 0)
		return;
	l->lost = buf_error(&l->body) || !tar_records_read(&l->head, l->body.data, l->body.len);
	l->records = false;
	buf_truncate(&l->body, 0);
}

static bool is_link(char type)
{
	return type == '1' || type == '2';
}

/*
 * Whether it is known what follows the header. GNU's old sparse files have further headers, and
 * readers disagree about whether contents follow a hard link with a size.
 */
static bool is_followed(const struct tar_header *h)
{
	return h->type != 'S' && !(h->type == '1' && h->size > 0) &&
	       !(h->type == 'x' && h->size > TAR_LINKS_RECORDS_MAX);
}

/* Give a link without a target one of a single character. */
static void fill_link(struct ustar *u)
{
	if (u->link[0])
		return;
	u->link[0] = '?';
	ustar_set_checksum(u);
}

static void take_header(struct tar_links *l, unsigned char *block)
{
	struct ustar *u = (struct ustar *)block;
	struct tar_header h;

	if (io_is_zeros(block, TAR_BLOCK))
		return;
	l->lost = !tar_header_read(u, &h) || !is_followed(&h);
	if (l->lost)
		return;
	if (is_link(h.type) && l->head.linked)
		fill_link(u);
	l->records = h.type == 'x' && h.size > 0;
	l->left = tar_has_content(h.type) ? h.size : 0;
	if (h.type && strchr("xgLK", h.type))
		return;
	if (l->head.sized && tar_has_content(h.type))
		l->left = l->head.size;
	tar_head_cleanup(&l->head);
}

void tar_links_fill(struct tar_links *l, unsigned char *p, size_t size)
{
	for (; size >= TAR_BLOCK && !l->lost; p += TAR_BLOCK, size -= TAR_BLOCK)
		if (l->left > 0)
			pass(l, p);
		else
			take_header(l, p);
}
