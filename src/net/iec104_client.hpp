#pragma once

#include "core/async.hpp"
#include "net/iec104_asdu.hpp"
#include "net/iec104_link.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace headroom::net {

struct Iec104Settings {
    std::string host = "127.0.0.1";
    std::uint16_t port = 2404;
    milliseconds t0 = seconds{30};  ///< a connection is to stand within
    iec104::LinkRules rules;
    milliseconds reconnect_first = seconds{1};  ///< doubled at each failure, up to …
    milliseconds reconnect_longest = seconds{60};
};

/// What a client tells. Every callback runs on the thread of its executor.
struct Iec104Events {
    /// An ASDU in order, whatever its type and cause.
    std::function<void(const iec104::Asdu&)> asdu;
    /// One that could not be read (`invalid`) or is of another type (`unsupported`); the link goes on.
    std::function<void(const iec104::AsduHeader&, const Error&)> refused;
    /// What arrived together has been handed over; it is acknowledged after this.
    std::function<void()> batch_end;
    /// `why` says what ended or refused the connection; empty when STARTDT was confirmed.
    std::function<void(bool is_running, const std::string& why)> state;
    /// An interrogation ended, or failed for the reason given.
    std::function<void(bool is_ended, const std::string& why)> interrogated;
};

/// The controlling station of IEC 60870-5-104, monitor direction: connects to one controlled station, starts
/// the transfer, interrogates, acknowledges, and connects again with growing pauses by itself. It sends no
/// command of any kind. Everything public is called on the thread of `executor`, which must outlive this;
/// `stop` before the end.
class Iec104Client {
  public:
    Iec104Client(asio::any_io_executor executor, Iec104Settings settings, Iec104Events events);
    ~Iec104Client();
    Iec104Client(const Iec104Client&) = delete;
    Iec104Client& operator=(const Iec104Client&) = delete;

    void start();
    /// Acknowledges what has arrived, says STOPDT, closes. Nothing is called back any more.
    void stop();

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace headroom::net
