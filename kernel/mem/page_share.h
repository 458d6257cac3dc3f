/*
 * Pages that several containers map, each of them read-only, until it writes (copy on write;
 * Bobrow et al., TENEX, CACM 1972). A page that has been shared once counts its owners; one that
 * never was has one, and no count. Whether a page is shared is for its owners' page tables to say
 * (PAGE_SHARED in arch/ia32/paging.h).
 *
 * Counts are under no lock: an owner changes its own share of a page with its container held, and
 * only an owner can make another one.
 *
 * Sharing promises no more than there is: for each owner but one of a page, a free page is kept
 * back (page.h), so that whoever writes what it has does not depend on what others have taken
 * meanwhile. These are the claims.
 */
#ifndef KERNEL_MEM_PAGE_SHARE_H
#define KERNEL_MEM_PAGE_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Prepares for pages from `start` to some end: `counts` has page_share_size(start, end) bytes, of
 * any content, and stays this module's. Both ends are page-aligned. At boot.
 */
void page_share_init(uintptr_t start, void *counts);

/* Any context. */
size_t page_share_size(uintptr_t start, uintptr_t end);

/*
 * So many owners more are to come, of any pages: true if as many pages are kept back for them now;
 * false, and nothing, if not so many are free. Caller holds nothing (it may hold container).
 */
bool page_share_claim(uint32_t count);

/* So many of the owners that were claimed have not come. Any context. */
void page_share_unclaim(uint32_t count);

/* The pages to be kept back. Caller holds pages. */
uint32_t page_share_claims(void);

/*
 * Pages that are common property are counted likewise, but nobody will ever want one of its own: no
 * page is kept back for them. The caller is this one's first owner. Any context.
 */
void page_share_begin(const void *page);

/* One owner more of such a page; the caller is one. Any context. */
void page_share_common(const void *page);

/* The caller is none any more. True if it was the last one, and frees the page. Any context. */
bool page_share_end(const void *page);

/* Whether the caller is the only one. Any context. */
bool page_share_is_alone(const void *page);

/* The page had one owner, the caller, and has two from now on. Caller holds container. */
void page_share_first(const void *page);

/* One owner more of a page that is shared. Caller holds container. */
void page_share(const void *page);

/*
 * Whether the caller, an owner, is the last one: then nobody else can come, and it may write.
 * Caller holds container.
 */
bool page_share_is_last(const void *page);

/*
 * The caller, an owner, is none any more, and its claim is given up. True if it was the last one,
 * which had none, and frees the page. Any context.
 */
bool page_share_drop(const void *page);

#endif
