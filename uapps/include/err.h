/*
 * Messages of programs that fail, as the BSDs have them: the program's name, the text and, but for
 * the functions with an x, what errno says.
 */
#ifndef CASTLE_ERR_H
#define CASTLE_ERR_H

#include <stdarg.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CASTLE_ERR_FORMAT(n) __attribute__((format(printf, n, (n) + 1)))
#define CASTLE_ERR_LIST(n)   __attribute__((format(printf, n, 0)))

void warn(const char *format, ...) CASTLE_ERR_FORMAT(1);
void warnx(const char *format, ...) CASTLE_ERR_FORMAT(1);
void vwarn(const char *format, va_list arguments) CASTLE_ERR_LIST(1);
void vwarnx(const char *format, va_list arguments) CASTLE_ERR_LIST(1);

/* These exit with the status. */
void err(int status, const char *format, ...) CASTLE_ERR_FORMAT(2) __attribute__((noreturn));
void errx(int status, const char *format, ...) CASTLE_ERR_FORMAT(2) __attribute__((noreturn));
void verr(int status, const char *format, va_list arguments) CASTLE_ERR_LIST(2)
	__attribute__((noreturn));
void verrx(int status, const char *format, va_list arguments) CASTLE_ERR_LIST(2)
	__attribute__((noreturn));

#ifdef __cplusplus
}
#endif

#endif
