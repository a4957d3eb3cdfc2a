// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.debug.DebugGrpc;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc;
import io.countersign.serverapi.logger.LoggerGrpc;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.serverapi.trustdomain.TrustDomainGrpc;
import io.grpc.MethodDescriptor;
import java.util.stream.Stream;

/** Every method of SPIRE's server API, such as {@code spire.api.server.agent.v1.Agent/BanAgent}. */
public final class Methods {
    private Methods() {}

    public static Stream<String> all() {
        return Stream.of(
                        AgentGrpc.getServiceDescriptor(),
                        EntryGrpc.getServiceDescriptor(),
                        SVIDGrpc.getServiceDescriptor(),
                        BundleGrpc.getServiceDescriptor(),
                        TrustDomainGrpc.getServiceDescriptor(),
                        LocalAuthorityGrpc.getServiceDescriptor(),
                        LoggerGrpc.getServiceDescriptor(),
                        DebugGrpc.getServiceDescriptor())
                .flatMap(service -> service.getMethods().stream())
                .map(MethodDescriptor::getFullMethodName);
    }
}
