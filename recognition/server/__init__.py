"""The /api application: REST, the live WebSocket, camera sessions."""
