export default function Pay() { return <h1>Pay</h1>; }
