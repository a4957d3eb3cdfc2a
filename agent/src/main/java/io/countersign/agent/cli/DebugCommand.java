// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import io.countersign.agentapi.debug.DebugGrpc;
import io.countersign.agentapi.debug.GetInfoRequest;
import io.countersign.agentapi.debug.GetInfoResponse;
import io.countersign.agentapi.debug.GetInfoResponse.Cert;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "debug", description = "How the agent is", subcommands = DebugCommand.GetInfo.class)
final class DebugCommand {
    private static final long PATIENCE_SECONDS = 30;

    @Command(name = "getinfo", description = "Prints debug information about the agent")
    static final class GetInfo implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Mixin
        AdminCall call = new AdminCall();

        @Override
        public Integer call() {
            var info = call.ask(
                    "",
                    channel -> DebugGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                            .getInfo(GetInfoRequest.getDefaultInstance()));
            var out = spec.commandLine().getOut();
            if (call.json()) {
                out.println(AdminCall.json(info));
            } else {
                print(out, info);
            }
            return 0;
        }

        private static void print(PrintWriter out, GetInfoResponse info) {
            out.println("Agent Debug Info:");
            line(out, "Uptime", words(Duration.ofSeconds(info.getUptime())));
            line(out, "Last Sync Success", lastSync(info.getLastSyncSuccess()));
            line(out, "Cached X.509 SVIDs", Integer.toString(info.getCachedX509SvidsCount()));
            line(out, "Cached JWT SVIDs", Integer.toString(info.getCachedJwtSvidsCount()));
            line(out, "Cached SVID Store X.509 SVIDs", Integer.toString(info.getCachedSvidstoreX509SvidsCount()));
            if (info.getSvidChainCount() > 0) {
                out.println("  SVID Chain:");
            }
            for (int i = 0; i < info.getSvidChainCount(); i++) {
                var certificate = info.getSvidChain(i);
                out.println("    [" + i + "] SPIFFE ID:  " + id(certificate));
                out.println("        Subject:    " + certificate.getSubject());
                out.println("        Expires At: " + Instant.ofEpochSecond(certificate.getExpiresAt()));
            }
            out.flush();
        }

        private static void line(PrintWriter out, String label, String value) {
            out.printf("  %-33s%s%n", label + ":", value);
        }

        private static String lastSync(long seconds) {
            return seconds == 0 ? "(never)" : Instant.ofEpochSecond(seconds).toString();
        }

        private static String id(Cert certificate) {
            return certificate.hasId()
                    ? "spiffe://" + certificate.getId().getTrustDomain()
                            + certificate.getId().getPath()
                    : "(none)";
        }

        /** As Go writes whole seconds: {@code 1h2m3s}. */
        private static String words(Duration uptime) {
            var hours = uptime.toHours() > 0 ? uptime.toHours() + "h" : "";
            var minutes = uptime.toMinutes() > 0 ? uptime.toMinutesPart() + "m" : "";
            return hours + minutes + uptime.toSecondsPart() + "s";
        }
    }
}
