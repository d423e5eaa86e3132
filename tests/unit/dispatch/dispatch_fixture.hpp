#pragma once

#include "dispatch/instruction.hpp"

namespace headroom::dispatch::test {

inline const UtcTime five = parse_utc("2026-11-20T17:00:00Z").value();

/// Feed in 180 kW from 17:00 to 17:05: the example of docs/formats/device-order.md.
inline Instruction instruction() {
    Instruction made;
    made.id = InstructionId{"01JD3ZK6V3V9Q6T8W2M4N5P7R9"};
    made.event = EventId{"ev-20261120-01"};
    made.der = "bess-77";
    made.transaction = "4ff1c9f4-0c4e-8e4f-9f6a-111111111111";
    made.fence = 42;
    made.kind = InstructionKind::setpoint;
    made.value = Watts{-180'000};
    made.change = Watts{180'000};
    made.start = five;
    made.expires = five + minutes{5};
    made.ack_by = five - minutes{5};
    return made;
}

}  // namespace headroom::dispatch::test
