#pragma once

#include <string_view>

namespace holdfast::server {

// Tells systemd how the service does: "READY=1", "STOPPING=1", "STATUS=...". Nothing happens where no service
// manager asked for it (NOTIFY_SOCKET is not set). sd_notify(3) is the protocol.
void NotifyServiceManager(std::string_view state);

}  // namespace holdfast::server
