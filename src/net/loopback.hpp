#pragma once

namespace headroom::net {

/// For a connected or connecting TCP socket: where the other end is this machine, what is sent leaves at
/// once. A system whose default is BBR paces every connection by timers; between two processes of one machine
/// that saves nothing and makes an answer wait for up to milliseconds. Elsewhere, and where the system does
/// not let us, the connection stays as it is. Source: tcp(7), TCP_CONGESTION; Reno is always available.
void send_unpaced_on_loopback(int socket);

}  // namespace headroom::net
