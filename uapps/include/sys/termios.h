/*
 * The terminal: POSIX's <termios.h>, as far as Castle's console can do it (uapps/lib/termios.c).
 * Bits that the console does not know are kept by nobody: what tcsetattr() was told and cannot do
 * reads as not set.
 */
#ifndef CASTLE_SYS_TERMIOS_H
#define CASTLE_SYS_TERMIOS_H

#include <sys/types.h>

typedef unsigned char cc_t;
typedef unsigned int speed_t;
typedef unsigned int tcflag_t;

#define NCCS   16
#define VEOF   0
#define VEOL   1
#define VERASE 2
#define VINTR  3
#define VKILL  4
#define VMIN   5
#define VQUIT  6
#define VSTART 7
#define VSTOP  8
#define VSUSP  9
#define VTIME  10

struct termios {
	tcflag_t c_iflag;
	tcflag_t c_oflag;
	tcflag_t c_cflag;
	tcflag_t c_lflag;
	cc_t c_cc[NCCS];
};

/* c_iflag; of these, ICRNL alone can be changed. */
#define BRKINT 0x001
#define ICRNL  0x002
#define IGNBRK 0x004
#define IGNCR  0x008
#define IGNPAR 0x010
#define INLCR  0x020
#define INPCK  0x040
#define ISTRIP 0x080
#define IXANY  0x100
#define IXOFF  0x200
#define IXON   0x400
#define PARMRK 0x800

/* c_oflag: both are always set. */
#define OPOST 0x1
#define ONLCR 0x2

/* c_cflag */
#define CSIZE  0x00f
#define CS5    0x005
#define CS6    0x006
#define CS7    0x007
#define CS8    0x008
#define CSTOPB 0x010
#define CREAD  0x020
#define PARENB 0x040
#define PARODD 0x080
#define HUPCL  0x100
#define CLOCAL 0x200

/* c_lflag; ICANON, ECHO and ISIG can be changed. */
#define ECHO   0x001
#define ECHOE  0x002
#define ECHOK  0x004
#define ECHONL 0x008
#define ICANON 0x010
#define IEXTEN 0x020
#define ISIG   0x040
#define NOFLSH 0x080
#define TOSTOP 0x100

#define B0      0
#define B50     50
#define B75     75
#define B110    110
#define B134    134
#define B150    150
#define B200    200
#define B300    300
#define B600    600
#define B1200   1200
#define B1800   1800
#define B2400   2400
#define B4800   4800
#define B9600   9600
#define B19200  19200
#define B38400  38400
#define B57600  57600
#define B115200 115200

#define TCSANOW   0
#define TCSADRAIN 1
#define TCSAFLUSH 2

#define TCIFLUSH  1
#define TCOFLUSH  2
#define TCIOFLUSH 3

#define TCOOFF 1
#define TCOON  2
#define TCIOFF 3
#define TCION  4

#ifdef __cplusplus
extern "C" {
#endif

int tcgetattr(int fd, struct termios *settings);
int tcsetattr(int fd, int when, const struct termios *settings);
int tcdrain(int fd);
int tcflush(int fd, int queue);
int tcflow(int fd, int action);
int tcsendbreak(int fd, int duration);
speed_t cfgetispeed(const struct termios *settings);
speed_t cfgetospeed(const struct termios *settings);
int cfsetispeed(struct termios *settings, speed_t speed);
int cfsetospeed(struct termios *settings, speed_t speed);
void cfmakeraw(struct termios *settings);

#ifdef __cplusplus
}
#endif

#endif
