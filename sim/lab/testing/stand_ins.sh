# shellcheck shell=bash
# Sourced by tests in bash: a veth pair in a namespace of the test's own that stands in for the two ports of a
# lab, and the lab file for it.

# make_ports QUEUES: port0 and port1, with so many RX and TX queues each.
make_ports() {
  ip link add name port0 numrxqueues "$1" numtxqueues "$1" type veth \
    peer name port1 numrxqueues "$1" numtxqueues "$1"
  ip link set dev port0 addrgenmode none
  ip link set dev port1 addrgenmode none
}

raise_ports() {
  ip link set dev port0 up
  ip link set dev port1 up
}

# lab_file QUEUES: for a lab that uses so many of each; on stdout.
lab_file() {
  printf '%s\n' 'name = "stand-ins"' 'description = "A veth pair."' \
    '[sender]' 'interface = "port0"' "queues = $1" '[receiver]' 'interface = "port1"' "queues = $1"
}
