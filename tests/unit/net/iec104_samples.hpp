#pragma once

#include <string>

namespace headroom::net::iec104 {

/// A spontaneous measured value of 100 (type 13) from station 1.
inline const std::string measured("\x0d\x01\x03\x00\x01\x00\x01\x00\x00\x00\x00\xc8\x42\x00", 14);

}  // namespace headroom::net::iec104
