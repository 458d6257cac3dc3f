/* What glibc puts here is in newlib's <sys/features.h>. */
