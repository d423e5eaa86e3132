// Reads any bytes as a .env file. Holds: the bounds; names are names and stand once; lines and faults are in
// order; what was read is read again from a quoted copy.

#include "core/env_file.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

using namespace headroom;

namespace {

std::string quoted(const std::string& value) {
    std::string out = "\"";
    for (const char c : value) {
        if (c == '\n' || c == '\r' || c == '"' || c == '\\') {
            out += '\\';
            out += c == '\n' ? 'n' : c == '\r' ? 'r' : c;
        } else {
            out += c;
        }
    }
    return out + "\"";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const EnvFile file = read_env_text({reinterpret_cast<const char*>(data), size});
    HEADROOM_ASSERT(file.faults.size() <= env_faults_max);
    std::set<std::string> names;
    std::string copy;
    std::size_t last = 0;
    for (const EnvLine& line : file.lines) {
        HEADROOM_ASSERT(line.line > last);
        last = line.line;
        HEADROOM_ASSERT(!line.name.empty() && line.name.size() <= env_name_bytes_max);
        HEADROOM_ASSERT(line.value.size() <= env_value_bytes_max);
        HEADROOM_ASSERT(names.insert(line.name).second);
        copy += line.name + "=" + quoted(line.value) + "\n";
    }
    for (const EnvFault& fault : file.faults) {
        HEADROOM_ASSERT(fault.line > 0 && fault.column > 0 && !fault.message.empty());
    }
    if (copy.size() <= env_file_bytes_max) {
        const EnvFile again = read_env_text(copy);
        HEADROOM_ASSERT(again.faults.empty() && again.lines.size() == file.lines.size());
        for (std::size_t i = 0; i < again.lines.size(); ++i) {
            HEADROOM_ASSERT(again.lines[i].name == file.lines[i].name &&
                            again.lines[i].value == file.lines[i].value);
        }
    }
    return 0;
}
