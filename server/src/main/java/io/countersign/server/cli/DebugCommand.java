// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.debug.DebugGrpc;
import io.countersign.serverapi.debug.GetInfoRequest;
import io.countersign.serverapi.debug.GetInfoResponse;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "debug", description = "How the server is", subcommands = DebugCommand.GetInfo.class)
final class DebugCommand {
    @Command(name = "getinfo", description = "Prints debug information about the server")
    static final class GetInfo implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Mixin
        ServerCall call = new ServerCall();

        @Override
        public Integer call() {
            var info = call.ask(channel -> ServerCall.waiting(DebugGrpc.newBlockingStub(channel))
                    .getInfo(GetInfoRequest.getDefaultInstance()));
            var out = spec.commandLine().getOut();
            if (call.json()) {
                out.println(ServerCall.json(info));
            } else {
                print(out, info);
            }
            return 0;
        }

        private static void print(PrintWriter out, GetInfoResponse info) {
            out.println("Server Debug Info:");
            line(out, "Uptime", words(Duration.ofSeconds(info.getUptime())));
            line(out, "Registered Agents", Integer.toString(info.getAgentsCount()));
            line(out, "Registration Entries", Integer.toString(info.getEntriesCount()));
            line(out, "Federated Bundles", Integer.toString(info.getFederatedBundlesCount()));
            if (info.getSvidChainCount() > 0) {
                out.println("  SVID Chain:");
            }
            for (int i = 0; i < info.getSvidChainCount(); i++) {
                var certificate = info.getSvidChain(i);
                out.println("    [" + i + "] SPIFFE ID:  "
                        + (certificate.hasId() ? EntryReport.id(certificate.getId()) : "(none)"));
                out.println("        Subject:    " + certificate.getSubject());
                out.println("        Expires At: " + Instant.ofEpochSecond(certificate.getExpiresAt()));
            }
            out.flush();
        }

        private static void line(PrintWriter out, String label, String value) {
            out.printf("  %-25s%s%n", label + ":", value);
        }

        /** As Go writes whole seconds: {@code 1h2m3s}. */
        private static String words(Duration uptime) {
            var hours = uptime.toHours() > 0 ? uptime.toHours() + "h" : "";
            var minutes = uptime.toMinutes() > 0 ? uptime.toMinutesPart() + "m" : "";
            return hours + minutes + uptime.toSecondsPart() + "s";
        }
    }
}
