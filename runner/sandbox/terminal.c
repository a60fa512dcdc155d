/* Terminals; see terminal.h. */
#include "sandbox/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Canonical input and signals stay on; the rest would put bytes on the line that the program never wrote. */
static bool set_modes(int slave, struct err *err)
{
    struct termios modes;
    if (tcgetattr(slave, &modes) < 0)
        return err_sys(err, "read the terminal's modes");
    modes.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    modes.c_oflag &= ~(tcflag_t)OPOST;
    return tcsetattr(slave, TCSANOW, &modes) == 0 || err_sys(err, "set the terminal's modes");
}

bool terminal_open(int *master, int *slave, uid_t owner, struct err *err)
{
    int unlocked = 0;
    *slave = -1;
    *master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*master < 0 || ioctl(*master, TIOCSPTLCK, &unlocked) < 0)
        return err_sys(err, "open a terminal");
    *slave = ioctl(*master, TIOCGPTPEER,
                   O_RDWR | O_NOCTTY | O_CLOEXEC); /* without a path: /dev/pts may be another's */
    if (*slave < 0)
        return err_sys(err, "open the terminal's other side");
    if (owner != (uid_t)-1 && fchown(*slave, owner, (gid_t)-1) < 0)
        return err_sys(err, "give the terminal to the student");
    return set_modes(*slave, err);
}
