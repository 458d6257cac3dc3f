/*
 * What GNU make's configure script would find on Castle. The script is not in Debian's source package, which has that of
 * a release's repository.
 */
#define PACKAGE         "make"
#define PACKAGE_NAME    "GNU make"
#define PACKAGE_TARNAME "make"
#define PACKAGE_VERSION "4.3"
#define VERSION         "4.3"
#define MAKE_HOST       "castle"
#define PATH_SEPARATOR_CHAR ':'
#define LIBDIR          "/lib"
#define LOCALEDIR       "/share/locale"
#define INCLUDEDIR      "/include"
#define GUILE_CFLAGS    ""
#define FILE_TIMESTAMP_HI_RES 0
#define MAKE_JOBSERVER  1
#define STDC_HEADERS    1
#define TIME_WITH_SYS_TIME 1
#define GETPGRP_VOID    1
#define SCCS_GET        "get"
#define RETSIGTYPE      void
#define HAVE_ALLOCA     1
#define HAVE_ALLOCA_H   1
#define HAVE_ATEXIT     1
#define HAVE_DIRENT_H   1
#define HAVE_DUP        1
#define HAVE_DUP2       1
#define HAVE_FCNTL      1
#define HAVE_FCNTL_H    1
#define HAVE_FDOPEN     1
#define HAVE_FORK       1
#define HAVE_GETCWD     1
#define HAVE_GETTIMEOFDAY 1
#define HAVE_INTTYPES_H 1
#define HAVE_ISATTY     1
#define HAVE_LIMITS_H   1
#define HAVE_LOCALE_H   1
#define HAVE_LSTAT      1
#define HAVE_MEMORY_H   1
#define HAVE_MKSTEMP    1
#define HAVE_PIPE       1
#define HAVE_PSELECT    1
#define HAVE_READLINK   1
#define HAVE_REALPATH   1
#define HAVE_SA_RESTART 1
#define HAVE_SETVBUF    1
#define HAVE_SIGACTION  1
#define HAVE_STDINT_H   1
#define HAVE_STDLIB_H   1
#define HAVE_STPCPY     1
#define HAVE_STRCASECMP 1
#define HAVE_STRCOLL    1
#define HAVE_STRDUP     1
#define HAVE_STRERROR   1
#define HAVE_STRINGS_H  1
#define HAVE_STRING_H   1
#define HAVE_STRNCASECMP 1
#define HAVE_STRNDUP    1
#define HAVE_STRSIGNAL  1
#define HAVE_STRTOLL    1
#define HAVE_SYS_PARAM_H 1
#define HAVE_SYS_RESOURCE_H 1
#define HAVE_SYS_SELECT_H 1
#define HAVE_SYS_STAT_H 1
#define HAVE_SYS_TIME_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_SYS_WAIT_H 1
#define HAVE_TTYNAME    1
#define HAVE_UMASK      1
#define HAVE_UNISTD_H   1
#define HAVE_WAIT3      1
#define HAVE_WAITPID    1
#define HAVE_DECL_BSD_SIGNAL 0
#define HAVE_DECL_DLERROR 0
#define HAVE_DECL_DLOPEN 0
#define HAVE_DECL_DLSYM 0
#define HAVE_DECL_GETLOADAVG 0
#define HAVE_DECL_SYS_SIGLIST 0
#define HAVE_DECL__SYS_SIGLIST 0
#define HAVE_DECL___SYS_SIGLIST 0

/* What its library asks of a configuration. */
#define _GL_INLINE_HEADER_BEGIN
#define _GL_INLINE_HEADER_END
#define _GL_INLINE               static inline
#define _GL_EXTERN_INLINE        static inline
#define _GL_ATTRIBUTE_PURE       __attribute__((pure))
#define _GL_ATTRIBUTE_MALLOC     __attribute__((malloc))
#define _GL_ATTRIBUTE_ALLOC_SIZE(arguments)
