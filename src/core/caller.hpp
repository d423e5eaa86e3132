#pragma once

#include <string>

namespace headroom {

/// Who gives a command, and why. Every desk command takes one, and the audit log keeps it.
struct Caller {
    std::string id;    ///< "op-17", "core"
    std::string kind;  ///< system | user | apikey | device | peer
    std::string role;  ///< viewer operator approver engineer auditor admin
    std::string ip;
    std::string reason;  ///< a sentence; required for anything that changes what is done
};

}  // namespace headroom
