// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Optional;

/** The first address of this host by which others may reach it; loopback if it has none. */
final class OwnAddress {
    private static final InetAddress FIRST = first().orElse(InetAddress.getLoopbackAddress());

    private OwnAddress() {}

    static InetAddress get() {
        return FIRST;
    }

    private static Optional<InetAddress> first() {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(OwnAddress::isUp)
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                    .findFirst();
        } catch (SocketException e) {
            return Optional.empty();
        }
    }

    private static boolean isUp(NetworkInterface network) {
        try {
            return network.isUp();
        } catch (SocketException e) {
            return false;
        }
    }
}
