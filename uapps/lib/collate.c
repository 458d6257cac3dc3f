/*
 * The order of characters in ranges of patterns, which newlib's glob(), fnmatch() and regcomp() ask
 * for: that of the "C" locale, the only one.
 */
int __collate_load_error = 1; /* there is no other order */

int __collate_range_cmp(int a, int b);

int __collate_range_cmp(int a, int b)
{
	return (unsigned char)a - (unsigned char)b;
}
