// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.exchange;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request with its answer, or one TCP connection, while it happens. Belongs to the event loop of its downstream
 * connection; nothing else may touch it.
 */
public final class Exchange {
    private final Instant start = Instant.now();
    private final long startNanos = System.nanoTime();
    private final SocketAddress remote;
    private final SocketAddress local;
    private final Set<ResponseFlag> flags = new LinkedHashSet<>();

    private String method = "";
    private String path = "";
    private String originalPath = "";
    private String authority = "";
    private String protocol = "";
    private HttpHeaders requestHeaders = new DefaultHttpHeaders();
    private HttpHeaders responseHeaders = new DefaultHttpHeaders();
    private HttpHeaders trailers = new DefaultHttpHeaders();
    private @Nullable TlsFacts downstreamTls;
    private String requestedServerName = "";
    private @Nullable SocketAddress claimedRemote;
    private int status;
    private String details = "";
    private String terminationDetails = "";
    private long received;
    private long sent;
    private long endNanos;
    private String routeName = "";
    private String cluster = "";
    private String upstreamHost = "";
    private String upstreamFailure = "";
    private String downstreamFailure = "";
    private @Nullable SocketAddress upstreamLocal;
    private @Nullable TlsFacts upstreamTls;
    private List<Ruling> rulings = List.of();

    public Exchange(SocketAddress remote, SocketAddress local, @Nullable TlsFacts downstreamTls) {
        this.remote = remote;
        this.local = local;
        this.downstreamTls = downstreamTls;
    }

    public void request(String method, String path, String authority, String protocol, HttpHeaders headers) {
        this.method = method;
        this.path = path;
        this.originalPath = path;
        this.authority = authority;
        this.protocol = protocol;
        this.requestHeaders = headers;
    }

    /** The path that rules and logs see, made normal. */
    public void normalPath(String newPath) {
        path = newPath;
        originalPath = newPath;
    }

    /** The path that is sent on. */
    public void rewritePath(String newPath) {
        path = newPath;
    }

    public void rewriteAuthority(String newAuthority) {
        authority = newAuthority;
    }

    public void response(int status, HttpHeaders headers, String details) {
        this.status = status;
        this.responseHeaders = headers;
        this.details = details;
    }

    public void trailers(HttpHeaders trailers) {
        this.trailers = trailers;
    }

    public void flag(ResponseFlag flag) {
        flags.add(flag);
    }

    public void details(String text) {
        details = text;
    }

    public void terminationDetails(String text) {
        terminationDetails = text;
    }

    public void received(int bytes) {
        received += bytes;
    }

    public void sent(int bytes) {
        sent += bytes;
    }

    public void routed(String route, String toCluster) {
        routeName = route;
        cluster = toCluster;
    }

    public void upstream(String host, @Nullable SocketAddress from, @Nullable TlsFacts tls) {
        upstreamHost = host;
        upstreamLocal = from;
        upstreamTls = tls;
    }

    public void upstreamFailed(String host, String reason) {
        upstreamHost = host;
        upstreamFailure = oneWord(reason);
    }

    public void ruled(Ruling ruling) {
        if (rulings.isEmpty()) {
            // most requests meet no rules
            rulings = new ArrayList<>();
        }
        rulings.add(ruling);
    }

    /** Whom the client asks for, heard before anything was answered. */
    public void requestedServerName(String name) {
        requestedServerName = name;
    }

    /** The client's handshake is finished. */
    public void downstream(TlsFacts tls) {
        downstreamTls = tls;
    }

    /** The client's handshake came to nothing. */
    public void downstreamFailed(String reason) {
        downstreamFailure = oneWord(reason);
    }

    public void ended() {
        endNanos = System.nanoTime();
    }

    public Instant start() {
        return start;
    }

    public Duration elapsed() {
        return Duration.ofNanos((endNanos == 0 ? System.nanoTime() : endNanos) - startNanos);
    }

    public SocketAddress remote() {
        return remote;
    }

    /** Who the client is by what proxies before this one say; for logs only. */
    public SocketAddress claimedRemote() {
        return claimedRemote == null ? remote : claimedRemote;
    }

    public void claimedRemote(SocketAddress address) {
        claimedRemote = address;
    }

    public SocketAddress local() {
        return local;
    }

    public Optional<TlsFacts> downstreamTls() {
        return Optional.ofNullable(downstreamTls);
    }

    /**
     * In small letters; empty if nobody has listened to what clients say first. Logs and rules know this name and no other, as with
     * Envoy: it is there before a handshake, and without one.
     */
    public String requestedServerName() {
        return requestedServerName;
    }

    public Optional<TlsFacts> upstreamTls() {
        return Optional.ofNullable(upstreamTls);
    }

    public Optional<SocketAddress> upstreamLocal() {
        return Optional.ofNullable(upstreamLocal);
    }

    /** In the order in which they were set, as logs show them. */
    public Set<ResponseFlag> flags() {
        return flags;
    }

    public String method() {
        return method;
    }

    public String path() {
        return path;
    }

    /** As rules have seen it, before a route changed it. */
    public String originalPath() {
        return originalPath;
    }

    public String authority() {
        return authority;
    }

    public String protocol() {
        return protocol;
    }

    public HttpHeaders requestHeaders() {
        return requestHeaders;
    }

    public HttpHeaders responseHeaders() {
        return responseHeaders;
    }

    public HttpHeaders trailers() {
        return trailers;
    }

    /** 0 while there is no answer. */
    public int status() {
        return status;
    }

    public String details() {
        return details;
    }

    public String terminationDetails() {
        return terminationDetails;
    }

    public long received() {
        return received;
    }

    public long sent() {
        return sent;
    }

    /** In the order in which they were made. */
    public List<Ruling> rulings() {
        return rulings;
    }

    public String routeName() {
        return routeName;
    }

    public String cluster() {
        return cluster;
    }

    public String upstreamHost() {
        return upstreamHost;
    }

    public String downstreamFailure() {
        return downstreamFailure;
    }

    public String upstreamFailure() {
        return upstreamFailure;
    }

    /** A request header by name; the pseudo headers of HTTP/2 work for every version. Several lines are joined. */
    public Optional<String> requestHeader(String name) {
        return switch (name) {
            case ":method" -> present(method);
            case ":path" -> present(path);
            case ":authority", "host" -> requestHeaders.contains("host") ? Optional.of(authority) : present(authority);
            case ":scheme" -> Optional.of(downstreamTls == null ? "http" : "https");
            default -> joined(requestHeaders, name);
        };
    }

    public Optional<String> responseHeader(String name) {
        return name.equals(":status") ? Optional.of(String.valueOf(status)) : joined(responseHeaders, name);
    }

    /** Logs in text form are split at spaces. */
    private static String oneWord(String reason) {
        return reason.replace(' ', '_');
    }

    private static Optional<String> present(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static Optional<String> joined(HttpHeaders headers, String name) {
        var values = headers.getAll(name);
        return values.isEmpty() ? Optional.empty() : Optional.of(String.join(",", values));
    }
}
