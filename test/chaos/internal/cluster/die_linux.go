package cluster

import (
	"os/exec"
	"syscall"
)

// dieWithUs has the program killed when this one is.
func dieWithUs(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
