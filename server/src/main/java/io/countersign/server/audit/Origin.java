// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.audit;

import io.countersign.rpc.Peer;
import io.countersign.server.caller.Caller;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** Who calls: what the connection proves, and as what the call was let in. */
final class Origin {
    private final Peer peer;
    private String as = "";

    Origin(Peer peer) {
        this.peer = peer;
    }

    /** Called where {@link Caller#CONTEXT} is known. */
    void admitted() {
        var caller = Caller.CONTEXT.get();
        if (caller != null) {
            as = switch (caller) {
                case Caller.Local _ -> "local";
                case Caller.Admin _ -> "admin";
                case Caller.Downstream _ -> "downstream";
                case Caller.Agent _ -> "agent";
                case Caller.Anyone _ -> "anyone";
            };
        }
    }

    /** Whether nothing was checked of this caller, or nothing it is allows the call. */
    boolean isStranger() {
        return as.isEmpty() || as.equals("anyone");
    }

    Map<String, String> members(String method) {
        SequencedMap<String, String> members = new LinkedHashMap<>();
        members.put("method", "/" + method);
        if (!as.isEmpty()) {
            members.put("as", as);
        }
        switch (peer) {
            case Peer.LocalProcess process -> {
                members.put("pid", Integer.toString(process.pid()));
                members.put("uid", Integer.toString(process.uid()));
                members.put("gid", Integer.toString(process.gid()));
            }
            case Peer.Mtls(var chain, var address) -> {
                certificate(members, chain.getFirst());
                members.put("address", text(address));
            }
            case Peer.Anonymous(var address) -> members.put("address", text(address));
        }
        return members;
    }

    private static void certificate(Map<String, String> members, X509Certificate leaf) {
        members.put("spiffe_id", X509SvidValidator.idOf(leaf).toString());
        members.put("serial", leaf.getSerialNumber().toString());
    }

    private static String text(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : address.toString();
    }
}
